// SPDX-License-Identifier: Apache-2.0

/** Services and their methods, as the files beside the configs list them. */
export type ServiceList = Readonly<Record<string, Readonly<Record<string, ListedMethod>>>>;

interface ListedMethod {
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
  readonly idempotent?: boolean;
}

/** How a text is written, so that the importer meets every way of writing. */
interface Style {
  readonly newline: string;
  readonly indent: string;
  /** What stands behind the signature of an rpc. */
  readonly body: (indent: string, newline: string) => string;
}

const styles: readonly Style[] = [
  { newline: "\n", indent: "  ", body: () => ";" },
  { newline: "\r\n", indent: "    ", body: () => ";  // a trailing comment; with { braces }" },
  { newline: "\n", indent: "\t", body: () => " {}" },
  { newline: "\n", indent: "  ", body: () => " { option deprecated = false; }" },
  {
    newline: "\n",
    indent: "  ",
    body: (indent, newline) => ` {${newline}${indent}${indent}// nothing yet; }${newline}${indent}}`,
  },
  { newline: "\n", indent: "  ", body: idempotentBody },
];

/**
 * Writes services as `.proto` files, one for each package, by their paths below `folder`. Requests and responses are
 * `google.protobuf.Empty`. Every file is written in another style.
 */
export function synthesiseProtos(services: ServiceList, folder: string, seed: number): Record<string, string> {
  const byPackage = Map.groupBy(Object.entries(services), ([name]) =>
    name.slice(0, Math.max(0, name.lastIndexOf("."))),
  );
  const files = [...byPackage].map(([packageName, members], index): [string, string] => {
    const style = styles[(seed + index) % styles.length] ?? styles[0];
    return [
      `${folder}/${packageName || "none"}.proto`,
      style === undefined ? "" : writeFile(packageName, members, style),
    ];
  });
  return Object.fromEntries(files);
}

function writeFile(packageName: string, members: readonly [string, ServiceList[string]][], style: Style): string {
  const { newline, indent } = style;
  const lines = [
    "// A synthesised file.",
    'syntax = "proto3";',
    "",
    ...(packageName === "" ? [] : [`package ${packageName};`, ""]),
    'import "google/protobuf/empty.proto";',
    ...members.flatMap(([name, methods]) => [
      "",
      `// ${name}: option (service_client.client_config) is only text here.`,
      `service ${name.slice(name.lastIndexOf(".") + 1)} {`,
      ...Object.entries(methods).flatMap(([method, { clientStreaming, serverStreaming, idempotent }]) => [
        `${indent}// ${method}`,
        `${indent}rpc ${method}(${stream(clientStreaming)}google.protobuf.Empty) returns (${stream(serverStreaming)}google.protobuf.Empty)` +
          (idempotent === true ? idempotentBody : style.body)(indent, newline),
      ]),
      "}",
    ]),
    "",
  ];
  return lines.join(newline);
}

function stream(streaming: boolean | undefined): string {
  return streaming === true ? "stream " : "";
}

function idempotentBody(indent: string, newline: string): string {
  return ` {${newline}${indent}${indent}option idempotency_level = NO_SIDE_EFFECTS;  /* reads */${newline}${indent}};`;
}
