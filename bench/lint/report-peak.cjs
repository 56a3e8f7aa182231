// SPDX-License-Identifier: Apache-2.0
// Loaded into a measured process: at its end, writes the most memory that it had at a time, in bytes. VmHWM, where there is
// one, because maxRSS counts from before exec and so begins with the memory of the parent.
const { readFileSync, writeFileSync } = require("node:fs");

process.on("exit", () => {
  let bytes = process.resourceUsage().maxRSS * 1024;
  try {
    bytes = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  } catch {
    // Not Linux.
  }
  writeFileSync(process.env.PEAK_REPORT, String(bytes));
});
