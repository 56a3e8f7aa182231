// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { endianness, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkProcess, checkSocket } from "./check-sockets.ts";

const folder = mkdtempSync(join(tmpdir(), "talaria-proc-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A /proc with one process whose connection to 10.0.0.2:443 has sent its data again so many times. */
function procWith(retransmits: number): string {
  const proc = join(folder, String(retransmits));
  mkdirSync(join(proc, "7/net"), { recursive: true });
  mkdirSync(join(proc, "7/fd"));
  symlinkSync("socket:[99]", join(proc, "7/fd/3"));
  symlinkSync("/dev/null", join(proc, "7/fd/4"));
  const line = (inode: number): string =>
    `   0: 0100000A:C350 0200000A:01BB 01 000003E8:00000000 01:00000014 0000000${retransmits}  0 0 ${inode} 2 0 100 20 30 10 -1\n`;
  writeFileSync(join(proc, "7/net/tcp"), `  sl  local_address\n${line(98)}${line(99)}`);
  return proc;
}

describe.runIf(endianness() === "LE")("checkProcess()", () => {
  test.each([
    [0, "ok", "1000 B unacknowledged, 0 retransmits"],
    [1, "warning", "1000 B unacknowledged, 1 retransmit"],
    [5, "problem", "1000 B unacknowledged, 5 retransmits: nothing gets through, peer or network is gone"],
  ])("judges %i retransmits, and counts only what the process has open", (retransmits, verdict, said) => {
    const finding = checkProcess(7, [{ host: "10.0.0.2", port: 443 }], "linux", procWith(retransmits));
    expect(finding).toMatchObject({
      verdict,
      message: "process 7 has 1 connection to 1 of 1 address",
      details: [`10.0.0.2:443 ESTABLISHED: ${said}`],
    });
  });

  test("says that other systems do not tell", () => {
    expect(checkProcess(7, [], "darwin")).toMatchObject({
      verdict: "skipped",
      message: expect.stringMatching(/Linux only$/),
    });
    expect(checkSocket(new Socket(), "win32")).toMatchObject({ verdict: "skipped" });
  });
});
