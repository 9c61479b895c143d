// A round mark with the first letters of a name, in a colour that the name always has.

const COLOURS = 8;

export function Avatar({ name, size = 'small' }: { name: string; size?: 'small' | 'large' }) {
  const letters = name.split(/\s+/).filter(Boolean).map((word) => [...word][0]).slice(0, 2).join('').toUpperCase();
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0)!, 0);
  return <span class={`avatar ${size} colour-${sum % COLOURS}`} aria-hidden="true">{letters || '?'}</span>;
}
