// SPDX-License-Identifier: Apache-2.0

/** How the system completes short names: `search` and `ndots` of resolv.conf. */
export interface SearchRules {
  readonly domains: readonly string[];
  /** A name with fewer dots is completed first, and asked as it is last. */
  readonly ndots: number;
}

const mostDots = 15;

/** Reads a resolv.conf; see resolv.conf(5). */
export function parseSearchRules(text: string): SearchRules {
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "search" || keyword === "domain") {
      domains = values.map((domain) => domain.replace(/\.$/, "").toLowerCase()).filter((domain) => domain !== "");
    } else if (keyword === "options") {
      const option = values.findLast((value) => /^ndots:\d+$/.test(value));
      ndots = option === undefined ? ndots : Math.min(Number(option.slice("ndots:".length)), mostDots);
    }
  }
  return { domains, ndots };
}

/**
 * The full names that a name may stand for, in the order in which the system's own resolver tries them. The order is a matter
 * of safety: in a cluster, `orders.shop` is meant to be completed, and asked as it is it belongs to somebody on the internet.
 */
export function candidateNames(name: string, { domains, ndots }: SearchRules): readonly string[] {
  if (name.endsWith(".")) {
    return [name.slice(0, -1)];
  }
  const completed = domains.map((domain) => `${name}.${domain}`);
  const dots = name.split(".").length - 1;
  return dots >= ndots ? [name, ...completed] : [...completed, name];
}

/** The addresses that a hosts file gives a name; see hosts(5). */
export function hostsFileAddresses(text: string, name: string): readonly string[] {
  const wanted = name.replace(/\.$/, "").toLowerCase();
  return text.split("\n").flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    return address !== undefined && names.some((known) => known.toLowerCase() === wanted) ? [address] : [];
  });
}
