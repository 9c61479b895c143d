// The head of a list: what is in it, and how more comes into it.

import { Icon } from './Icon';

export function Title({ text, add }: { text: string; add?: { label: string; act(): void } }) {
  return (
    <div class="title">
      <h1>{text}</h1>
      {add && <button type="button" class="main" onClick={add.act}><Icon name="add" /><span>{add.label}</span></button>}
    </div>
  );
}
