// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { editProto, type ProtoEdit } from "./edit-proto.ts";
import type { Leaves } from "./leaves.ts";
import { replaceText } from "./replace-text.ts";

const timeout: Leaves = new Map([["response_timeout_millis", 800]]);
const off: Leaves = new Map([["retry.max_attempts", 1]]);

/** Annotates the first service, and its first method. */
function edit(text: string, change: Partial<ProtoEdit> & { service?: Leaves; method?: Leaves } = {}): string {
  const { service = new Map(), method, ...rest } = change;
  const methods = new Map(method === undefined ? [] : [[0, method]]);
  const services = [{ index: 0, leaves: service, methods }];
  return replaceText(text, editProto(text, { services, addImport: false, optionPackage: "service_client", ...rest }));
}

describe("editProto() on a service", () => {
  test("writes what buf format would, after the options that are there", () => {
    const text = "service A {\n  option deprecated = true; // old\n\n  // Hi.\n  rpc X(M) returns (M);\n}\n";
    const leaves: Leaves = new Map<string, number | string[]>([
      ["response_timeout_millis", 800],
      ["retry.max_attempts", 3],
      ["retry.retryable_status_codes", ["UNAVAILABLE", "ABORTED"]],
    ]);
    expect(edit(text, { service: leaves })).toBe(`service A {
  option deprecated = true; // old
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {
      max_attempts: 3
      retryable_status_codes: [
        UNAVAILABLE,
        ABORTED
      ]
    }
  };

  // Hi.
  rpc X(M) returns (M);
}
`);
  });

  test.each([
    [
      "a comment behind the brace",
      "service A { // about A\n  rpc X(M) returns (M);\n}",
      "service A { // about A\n  @\n\n  rpc X(M) returns (M);\n}",
    ],
    ["no methods", "service A {}", "service A {\n  @\n}"],
    ["an empty block", "service A {\n}\n", "service A {\n  @\n}\n"],
    ["everything on one line", "service A { rpc X(M) returns (M); }", "service A {\n  @\nrpc X(M) returns (M); }"],
    ["tabs", "service A {\n\trpc X(M) returns (M);\n}", "service A {\n\t@\n\n\trpc X(M) returns (M);\n}"],
    [
      "Windows line ends",
      "service A {\r\n  rpc X(M) returns (M);\r\n}\r\n",
      "service A {\r\n  @\r\n\r\n  rpc X(M) returns (M);\r\n}\r\n",
    ],
    ["a byte order mark", "\uFEFFservice A {\n}", "\uFEFFservice A {\n  @\n}"],
    [
      "names that are keywords",
      "service service {\n  rpc rpc(M) returns (M);\n}",
      "service service {\n  @\n\n  rpc rpc(M) returns (M);\n}",
    ],
    [
      "braces in comments and strings",
      '/* service { */ option x = "service {"; // }\nservice A {\n}',
      '/* service { */ option x = "service {"; // }\nservice A {\n  @\n}',
    ],
    [
      "messages with fields named service",
      "message M { string service = 1; }\nservice A {\n}",
      "message M { string service = 1; }\nservice A {\n  @\n}",
    ],
  ])("with %s", (_, text, expected) => {
    const option = "option (service_client.client_config).response_timeout_millis = 800;";
    expect(edit(text, { service: timeout })).toBe(expected.replace("@", option));
  });
});

describe("editProto() on a method", () => {
  const option = "option (service_client.method_config).retry.max_attempts = 1;";
  test.each([
    ["a semicolon", "rpc X(M) returns (M);", "rpc X(M) returns (M) {\n    @\n  }"],
    ["a semicolon and a comment", "rpc X(M) returns (M); // why", "rpc X(M) returns (M) { // why\n    @\n  }"],
    [
      "a semicolon and more",
      "rpc X(M) returns (M); rpc Y(M) returns (M);",
      "rpc X(M) returns (M) {\n    @\n  } rpc Y(M) returns (M);",
    ],
    ["space before the semicolon", "rpc X(M) returns (M) ;", "rpc X(M) returns (M) {\n    @\n  }"],
    ["an empty body", "rpc X(M) returns (M) {}", "rpc X(M) returns (M) {\n    @\n  }"],
    ["an empty body and a semicolon", "rpc X(M) returns (M) {};", "rpc X(M) returns (M) {\n    @\n  };"],
    ["a body of spaces", "rpc X(M) returns (M) {   }", "rpc X(M) returns (M) {\n    @\n  }"],
    ["an empty body on two lines", "rpc X(M) returns (M) {\n  }", "rpc X(M) returns (M) {\n    @\n  }"],
    [
      "a comment in its body",
      "rpc X(M) returns (M) {\n    // ; }\n  }",
      "rpc X(M) returns (M) {\n    @\n    // ; }\n  }",
    ],
    [
      "options in its body",
      'rpc X(M) returns (M) {\n    option (http) = { get: "/{x}" body: ";" };\n    option deprecated = true; /* b */\n  }',
      'rpc X(M) returns (M) {\n    option (http) = { get: "/{x}" body: ";" };\n    option deprecated = true; /* b */\n    @\n  }',
    ],
    [
      "a signature on several lines",
      "rpc X(\n    stream .a.M\n  ) returns (M);",
      "rpc X(\n    stream .a.M\n  ) returns (M) {\n    @\n  }",
    ],
  ])("with %s", (_, rpc, expected) => {
    const wrap = (line: string): string => `service A {\n  ${line}\n}\n`;
    expect(edit(wrap(rpc), { method: off })).toBe(wrap(expected).replace("@", option));
  });

  test("names the annotation from the root where something nearer hides it", () => {
    const text = "service A {\n  rpc X(M) returns (M) {}\n}";
    expect(edit(text, { method: off, optionPackage: ".service_client" })).toContain(
      "option (.service_client.method_config).",
    );
  });
});

describe("editProto() on imports", () => {
  const line = 'import "service_client_config.proto";';
  test.each([
    [
      "after the last import",
      'syntax = "proto3";\nimport "a.proto"; // a\nimport public "b.proto";\n\nmessage M {}\n',
      'syntax = "proto3";\nimport "a.proto"; // a\nimport public "b.proto";\n@\n\nmessage M {}\n',
    ],
    [
      "after the package",
      'syntax = "proto3";\npackage a;\n\nmessage M {}\n',
      'syntax = "proto3";\npackage a;\n\n@\n\nmessage M {}\n',
    ],
    ["after the edition", 'edition = "2023";\n\nmessage M {}\n', 'edition = "2023";\n\n@\n\nmessage M {}\n'],
    [
      "above the first declaration and its comment",
      "// Licence.\n\n// About M.\nmessage M {}\n",
      "// Licence.\n\n@\n\n// About M.\nmessage M {}\n",
    ],
    ["where all is on one line", "package a; message M {}", "package a;\n\n@\nmessage M {}"],
    ["in Windows line ends", 'import "a.proto";\r\nmessage M {}\r\n', 'import "a.proto";\r\n@\r\nmessage M {}\r\n'],
    [
      "past options of the file",
      'package a;\noption java_package = "import";\nimport "b.proto";\nmessage M {}',
      'package a;\noption java_package = "import";\nimport "b.proto";\n@\nmessage M {}',
    ],
  ])("%s", (_, text, expected) => {
    expect(edit(text, { services: [], addImport: true })).toBe(expected.replace("@", line));
  });
});
