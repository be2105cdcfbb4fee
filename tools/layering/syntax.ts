/** A walk over a parsed module that tells each node's parent, and the names that the module itself declares. */
import { visitorKeys } from 'oxc-parser';

export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

export function childrenOf(node: Node): [field: string, child: Node][] {
  const children: [string, Node][] = [];
  for (const field of visitorKeys[node.type] ?? []) {
    const value = node[field];
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) children.push([field, child]);
  }
  return children;
}

export function walk(node: Node, visit: (node: Node, parent: Node | undefined, field: string) => void): void {
  const stack: [Node, Node | undefined, string][] = [[node, undefined, '']];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [current, parent, field] = top;
    visit(current, parent, field);
    for (const [childField, child] of childrenOf(current)) stack.push([child, current, childField]);
  }
}

/** Names bound anywhere in the module: scopes are not told apart, so a name declared once counts as the module's own. */
export function declaredNames(program: Node): Set<string> {
  const names = new Set<string>();
  const bind = (pattern: unknown): void => {
    if (!isNode(pattern)) return;
    if (pattern.type === 'Identifier') names.add(String(pattern.name));
    else if (pattern.type === 'ObjectPattern')
      for (const property of asNodes(pattern.properties)) bind(property.value ?? property.argument);
    else if (pattern.type === 'ArrayPattern') for (const element of asNodes(pattern.elements)) bind(element);
    else if (pattern.type === 'AssignmentPattern') bind(pattern.left);
    else if (pattern.type === 'RestElement') bind(pattern.argument);
  };
  walk(program, (node) => {
    if (Array.isArray(node.params)) for (const parameter of node.params) bind(parameter);
    if (node.type === 'VariableDeclarator') bind(node.id);
    else if (node.type === 'CatchClause') bind(node.param);
    else if (/^Import(Default|Namespace)?Specifier$/.test(node.type)) bind(node.local);
    else if (/(Declaration|Function|Class)/.test(node.type)) bind(node.id);
  });
  return names;
}

const NAMED_FIELDS: ReadonlySet<string> = new Set(['key', 'property', 'label', 'imported', 'exported', 'right']);

/** Whether an identifier refers to a value or a type, and does not merely name a member, a label or an export. */
export function isReference(parent: Node | undefined, field: string): boolean {
  if (parent === undefined || !NAMED_FIELDS.has(field)) return true;
  if (field === 'right') return parent.type !== 'TSQualifiedName';
  if (field === 'key' || field === 'property') return parent.computed === true || parent.shorthand === true;
  return false;
}

function asNodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}
