// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { GeneratedFile, ImportSymbol, Printable, Target } from "@bufbuild/protoplugin";
import { describePolicy, type ServiceContract } from "@talaria/contract";
import { bullets, commentOf, docComment, paragraphs, tagsOf } from "./doc.ts";
import { literal } from "./literal.ts";
import type { ClientNames } from "./names.ts";

/** All that generated code imports beside the output of protoc-gen-es. */
const runtime = "@talaria/runtime/codegenv1";

/** A service whose contract holds, and what its code is called. */
export interface ClientSource {
  readonly service: DescService;
  /** The service as protoc-gen-es exports it. */
  readonly schema: ImportSymbol;
  readonly contract: ServiceContract;
  readonly names: ClientNames;
}

/** A method, and its policy in sentences. */
interface DescribedMethod {
  readonly method: DescMethod;
  readonly policy: readonly string[];
}

/**
 * ```proto
 * service Greeting { option (service_client.client_config).response_timeout_millis = 800; rpc Hello(…) returns (…); }
 * ```
 * becomes
 * ```ts
 * export const greetingContract: BoundContract<typeof Greeting> = bindContract(Greeting, { … });
 * export interface GreetingClient extends ServiceClient<typeof Greeting> { hello: … }
 * export function createGreetingClient(options: ClientOptions): GreetingClient { … }
 * ```
 */
export function emitClient(f: GeneratedFile, target: Target, source: ClientSource): void {
  const { service, contract } = source;
  const methods = service.methods.map((method, index): DescribedMethod => {
    const policy = contract.methods[index];
    return { method, policy: policy === undefined ? [] : describePolicy(policy, contract) };
  });
  emitContract(f, target, source);
  if (target !== "js") {
    emitInterface(f, source, methods);
  }
  emitCreate(f, target, source, methods);
}

function emitContract(f: GeneratedFile, target: Target, { service, schema, contract, names }: ClientSource): void {
  const type: Printable = [": ", f.import("BoundContract", runtime, true), "<typeof ", schema.toTypeOnly(), ">"];
  const value: Printable = [
    " = /*@__PURE__*/ ",
    f.import("bindContract", runtime),
    "(",
    schema,
    `, ${literal(contract)})`,
  ];
  f.print(
    docComment(paragraphs(`What ${service.name} demands of its clients.`, tagsOf(service))),
    f.export(target === "dts" ? "declare const" : "const", names.contract),
    target === "js" ? [] : type,
    target === "dts" ? [] : value,
    ";\n",
  );
}

/**
 * Connect's `Client` is a mapped type, whose members have the docs of greeting_pb. Declaring them again gives each its
 * policy, and an editor shows that on hover; the type of each is still Connect's.
 */
function emitInterface(
  f: GeneratedFile,
  { service, schema, names }: ClientSource,
  methods: readonly DescribedMethod[],
): void {
  const clientType: Printable = [f.import("ServiceClient", runtime, true), "<typeof ", schema.toTypeOnly(), ">"];
  const members = methods.map(({ method, policy }): Printable => {
    const doc = docComment(paragraphs(commentOf(method), bullets(policy), tagsOf(method)), "  ");
    return [`${doc}  ${method.localName}: `, clientType, `["${method.localName}"];\n`];
  });
  f.print(
    docComment(paragraphs(commentOf(service), `A client of ${service.name}.`, tagsOf(service))),
    f.export("interface", names.client),
    " extends ",
    clientType,
    methods.length === 0 ? " {" : " {\n",
    members,
    "}\n",
  );
}

function emitCreate(
  f: GeneratedFile,
  target: Target,
  { service, contract, names }: ClientSource,
  methods: readonly DescribedMethod[],
): void {
  const options = demandsToken(contract) ? "AuthenticatedClientOptions" : "ClientOptions";
  const signature: Printable =
    target === "js" ? "(options)" : ["(options: ", f.import(options, runtime, true), "): ", names.client];
  const create = f.import("createServiceClient", runtime);
  const body: Printable = [" {\n  return ", create, `(${names.contract}, options);\n}`];
  const doc = paragraphs(
    `Opens a client of ${service.name}. \`await using\` closes it at the end of its scope.`,
    bullets(methods.map(({ method, policy }) => `\`${method.localName}\`: ${policy.join(" ")}`)),
    tagsOf(service),
  );
  f.print(
    docComment(doc),
    f.export(target === "dts" ? "declare function" : "function", names.create),
    signature,
    target === "dts" ? ";" : body,
  );
}

/** A client of such a contract cannot be opened without credentials, and does not compile without. */
function demandsToken({ methods }: ServiceContract): boolean {
  return methods.some(({ authentication }) => authentication?.scheme === "BEARER");
}
