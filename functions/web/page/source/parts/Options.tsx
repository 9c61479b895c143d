// The list from which somebody chooses while typing. The focus stays in the field, which refers to the list as
// `${id}-list` and to the marked option as `${id}-${at}`.

import { Avatar } from './Avatar';

interface Option { id: string; label: string }

export function Options<T extends Option>({ id, label, shown, at, isOpen, take }: {
  id: string; label: string; shown: T[]; at: number; isOpen: boolean; take(entry: T): void;
}) {
  return (
    <ul id={`${id}-list`} role="listbox" aria-label={label} class="found" hidden={!isOpen || !shown.length}>
      {shown.map((entry, place) => (
        <li id={`${id}-${place}`} key={entry.id} role="option" aria-selected={place === at}
          onMouseDown={(event) => { event.preventDefault(); take(entry); }}>
          <Avatar name={entry.label} />
          <span class="name">{entry.label}</span>
          {entry.label !== entry.id && <span class="quiet">{entry.id}</span>}
        </li>
      ))}
    </ul>
  );
}
