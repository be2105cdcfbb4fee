/** Just enough XML to write a picture that is well formed whatever names it is given. */
import { visible } from '../report/escape.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

export type Attributes = Readonly<Record<string, string | number>>;

/** An element; `children` are elements already, or texts that went through `text`. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${text(String(value))}"`);
  const inside = children.join('');
  return inside === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inside}</${name}>`;
}

/** A text as XML has it. What XML or a reader cannot show (controls, lone surrogates, marks that turn text around) is escaped visibly. */
export function text(value: string): string {
  return visible(value.toWellFormed())
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
