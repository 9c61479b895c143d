// Finds people and groups by a part of their names.

import { useId, useState } from 'preact/hooks';
import { t } from '../text';
import { type Found, type Kind, useFound } from './found';
import { Options } from './Options';

const AT_ONCE = 10;

export function Finder({ label, kind, choose, without = [] }: {
  label: string; kind: Kind; choose(found: Found): void; without?: string[];
}) {
  const id = useId();
  const [search, setSearch] = useState('');
  const [at, setAt] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const { found } = useFound(search, kind, AT_ONCE, isOpen);
  const shown = (found ?? []).filter((entry) => !without.includes(entry.id));

  const take = (entry: Found) => { setSearch(''); setOpen(false); choose(entry); };
  const leave = () => {
    // Closing moves what is below the list, and must not move it away from a press.
    if (!document.querySelector(':active')) setOpen(false);
    else addEventListener('mouseup', () => setTimeout(() => setOpen(false)), { once: true });
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && shown[Math.max(at, 0)] && isOpen && search) take(shown[Math.max(at, 0)]!);
    else if (event.key === 'ArrowDown') { setOpen(true); setAt(Math.min(at + 1, shown.length - 1)); }
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (event.key === 'Escape' && isOpen) { event.stopPropagation(); setOpen(false); }
    else return;
    event.preventDefault();
  };

  return (
    <div class="field finder">
      <label for={id}>{label}</label>
      <input id={id} type="text" role="combobox" autocomplete="off" value={search} placeholder={t('finder.hint')}
        aria-expanded={isOpen} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={shown[at] ? `${id}-${at}` : undefined}
        onInput={({ currentTarget }) => { setSearch(currentTarget.value); setAt(-1); setOpen(true); }}
        onFocus={() => setOpen(true)} onBlur={leave} onKeyDown={press} />
      <Options id={id} label={label} shown={shown} at={at} isOpen={isOpen} take={take} />
      {isOpen && search && !shown.length && <p class="hint" role="status">{t('finder.nobody')}</p>}
    </div>
  );
}
