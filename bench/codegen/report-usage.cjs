// SPDX-License-Identifier: Apache-2.0
// Loaded before a measured script: at its end, writes what its process used, which Node.js does not tell a parent.
const { writeFileSync } = require("node:fs");

process.on("exit", () => {
  writeFileSync(process.env.USAGE_REPORT, JSON.stringify(process.resourceUsage()));
});
