// SPDX-License-Identifier: Apache-2.0
import { type CallExpression, Node, type ParameterDeclaration } from "ts-morph";

/** Methods that take a handler after a path, a service or an event: `app.get("/orders", …)`, `router.service(S, { … })`. */
const registrations: ReadonlySet<string> = new Set([
  ..."get post put patch delete options head all use route".split(" "),
  ..."rpc service addService unary handle onRequest".split(" "),
]);

const events = /^["'](request|stream|message|connection|data)["']$/;

/** Parameters that only handlers have, by their names. */
const handlerNames: readonly (readonly [RegExp, RegExp])[] = [
  [/^_?req(uest)?$/, /^_?(res|response|reply|context|ctx|next|h)$/],
  [/^_?call$/, /^_?(callback|cb|reply|done)$/],
  [/^_?(ctx|context|c)$/, /^_?next$/],
  [/^_?event$/, /^_?context$/],
];

/** Types that only handlers take. */
const handlerTypes =
  /\b(HandlerContext|ServerUnaryCall|ServerWritableStream|ServerReadableStream|ServerDuplexStream|IncomingMessage|Http2ServerRequest|FastifyRequest|NextRequest|APIGatewayProxyEvent(V2)?|CallContext)\b/;

const decorators =
  /^(Get|Post|Put|Patch|Delete|All|GrpcMethod|GrpcStreamMethod|Query|Mutation|MessagePattern|EventPattern)$/;

const implementations = /\b(ServiceImpl|UntypedServiceImplementation|\w+ServiceImplementation|handleUnaryCall)\b/;

/** Says that a function answers requests: by where it is registered, what it is typed as, or what it takes. */
export function isRequestHandler(node: Node): boolean {
  return takesRequest(node) || isRegistered(node) || isImplementation(node) || isRoute(node);
}

function takesRequest(node: Node): boolean {
  const parameters = parametersOf(node);
  if (parameters.some((parameter) => handlerTypes.test(parameter.getTypeNode()?.getText() ?? ""))) {
    return true;
  }
  const [first = "", second = ""] = parameters.map((parameter) => parameter.getName());
  return handlerNames.some(([one, other]) => one.test(first) && other.test(second));
}

function parametersOf(node: Node): readonly ParameterDeclaration[] {
  return Node.isParametered(node) ? node.getParameters() : [];
}

/** It is an argument of a registration, or a member of an object that is. */
function isRegistered(node: Node): boolean {
  const parent = node.getParent();
  const object = Node.isPropertyAssignment(parent) ? parent.getParent() : parent;
  const handler = Node.isObjectLiteralExpression(object) ? object : node;
  const call = handler.getParent();
  return Node.isCallExpression(call) && call.getExpression() !== handler && registers(call, handler);
}

function registers(call: CallExpression, handler: Node): boolean {
  const callee = call.getExpression();
  const [first] = call.getArguments();
  if (!Node.isPropertyAccessExpression(callee)) {
    return /^create(Secure)?Server$/.test(callee.getText());
  }
  const name = callee.getName();
  return (
    /^create(Secure)?Server$/.test(name) ||
    (name === "on" && events.test(first?.getText() ?? "")) ||
    (registrations.has(name) && first !== handler) ||
    (name === "use" && first === handler)
  );
}

/** A member of something that is declared as the implementation of a service. */
function isImplementation(node: Node): boolean {
  const parent = node.getParent();
  const owner = Node.isPropertyAssignment(parent) ? parent.getParent() : parent;
  if (Node.isClassDeclaration(owner) || Node.isClassExpression(owner)) {
    return owner.getImplements().some((each) => implementations.test(each.getText()));
  }
  const holder = Node.isObjectLiteralExpression(owner) ? owner.getParent() : node.getParent();
  const type =
    Node.isVariableDeclaration(holder) || Node.isSatisfiesExpression(holder) ? holder.getTypeNode() : undefined;
  return type !== undefined && implementations.test(type.getText());
}

/** A method with a decorator of a framework, or an export that a framework routes to by its name. */
function isRoute(node: Node): boolean {
  if (Node.isMethodDeclaration(node)) {
    return node.getDecorators().some((decorator) => decorators.test(decorator.getName()));
  }
  return (
    Node.isFunctionDeclaration(node) && node.isExported() && /^(GET|POST|PUT|PATCH|DELETE)$/.test(node.getName() ?? "")
  );
}
