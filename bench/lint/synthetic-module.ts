// SPDX-License-Identifier: Apache-2.0

/** Every so many files has a service, as in large public modules. */
const filesPerService = 4;
const methodsPerService = 5;
const messagesPerFile = 10;
const fieldsPerMessage = 7;

/**
 * Writes a module of so many files, of sound services and commented messages: one file in four has an annotated service of
 * five methods, and imports the messages of another. The same number gives the same texts.
 */
export function writeModule(files: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: files }, (_, index) => {
      const text = index % filesPerService === 0 ? writeServiceFile(index, files) : writeMessageFile(index);
      return [pathOf(index), text];
    }),
  );
}

/** Files of ten make a package. */
function packageOf(index: number): string {
  const number = Math.floor(index / 10);
  return `shop.area${number % 25}.team${number}.v1`;
}

function pathOf(index: number): string {
  return `${packageOf(index).replaceAll(".", "/")}/part${index}.proto`;
}

function writeServiceFile(index: number, files: number): string {
  const other = index + 1 < files ? index + 1 : 0;
  const type = other === 0 ? `Part${index}Message0` : `${packageOf(other)}.Part${other}Message0`;
  const imports = ["service_client_config.proto", ...(other === 0 ? [] : [pathOf(other)])].sort();
  return `${head(index)}
${imports.map((path) => `import "${path}";`).join("\n")}

// Part${index}Service is what other teams see of part ${index}. It is safe to call from several threads.
//
// Ask the team before you depend on more than this page says.
service Part${index}Service {
  option (service_client.client_config) = {
    response_timeout_millis: ${800 + (index % 7) * 100}
    retry: {
      max_attempts: 3
      initial_backoff_millis: 50
      max_backoff_millis: 400
      retryable_status_codes: [UNAVAILABLE]
    }
    retry_throttling: {
      max_tokens: 100
      token_ratio: 0.1
    }
    circuit_breaker: {minimum_request_threshold: ${10 + (index % 5) * 10}}
    transport_security: {mode: TLS}
  };
${Array.from({ length: methodsPerService }, (_, method) => writeMethod(index, method, type)).join("")}}

${writeMethodMessages(index, type)}
${messages(index, 1)}`;
}

function writeMethod(index: number, method: number, type: string): string {
  const name = `Do${method}Part${index}`;
  return `
  // ${name} does what its name says, and answers with all that is known about ${type}.
  rpc ${name}(${name}Request) returns (${name}Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
${method === 0 ? `    option (service_client.method_config).response_timeout_millis = ${2000 + (index % 500)};\n` : ""}  }
`;
}

function writeMethodMessages(index: number, type: string): string {
  return Array.from({ length: methodsPerService }, (_, method) => {
    const name = `Do${method}Part${index}`;
    return `// What ${name} is asked.
message ${name}Request {
  // What the order is called everywhere.
  string order_id = 1;
  // The number of things on a page of the answer.
  int32 page_size = 2;
}

// What ${name} answers.
message ${name}Response {
  // All that was found.
  repeated ${type} found = 1;
}
`;
  }).join("\n");
}

function writeMessageFile(index: number): string {
  return `${head(index)}
${messages(index, messagesPerFile)}`;
}

function head(index: number): string {
  return `// Copyright of the shop. All rights reserved.

syntax = "proto3";

// What part ${index} offers to the rest of the shop.
package ${packageOf(index)};
`;
}

function messages(index: number, count: number): string {
  return Array.from({ length: count }, (_, number) => writeMessage(`Part${index}Message${number}`)).join("\n");
}

function writeMessage(name: string): string {
  const fields = Array.from({ length: fieldsPerMessage }, (_, field) => {
    const type = ["string", "int64", "repeated string", "bool", "bytes", "map<string, string>", "double"][field % 7];
    return `  // Tells one side of ${name}, and is empty when nobody knows it.\n  ${type} value_${field} = ${field + 1};\n`;
  });
  return `// ${name} goes over the wire, and is stored for as long as the law demands.\nmessage ${name} {\n${fields.join("")}}\n`;
}
