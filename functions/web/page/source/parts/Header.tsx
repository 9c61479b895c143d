// The head of every view but the call: where one is, who one is, and the way out.

import { account } from '../api/account';
import { logOut } from '../api/login';
import { type Key, language, LANGUAGES, type Language, speak, t } from '../text';
import { Avatar } from './Avatar';
import { Icon } from './Icon';
import { follow, go, place } from './route';
import { attempt } from './saying';

const PLACES: [string, 'rooms' | 'people' | 'groups' | 'calls', Key][] = [
  ['/', 'rooms', 'rooms'], ['/#people', 'people', 'people'], ['/#groups', 'groups', 'groups'], ['/#calls', 'calls', 'calls'],
];

export function Header() {
  const who = account.value;
  return (
    <header class="head">
      <a class="mark" href="/" onClick={follow}><img src="/icon.svg" alt="" width="32" height="32" /><span>Talk</span></a>
      {who?.isAdmin && (
        <nav aria-label={t('places')}>
          {PLACES.map(([to, view, name]) => (
            <a key={view} href={to} onClick={follow} aria-current={place.value.view === view ? 'page' : undefined}>{t(name)}</a>
          ))}
        </nav>
      )}
      {who && (
        <div class="who">
          <Avatar name={who.name} />
          <span class="name">{who.name}</span>
          <button type="button" class="plain" onClick={() => attempt(async () => { await logOut(); go('/'); })}>
            <Icon name="door" /><span>{t('logOut')}</span>
          </button>
        </div>
      )}
    </header>
  );
}

export function Foot() {
  return (
    <footer class="foot">
      <label>
        <span>{t('language')}</span>
        <select value={language.value} onChange={({ currentTarget }) => void speak(currentTarget.value as Language)}>
          {Object.entries(LANGUAGES).map(([tag, name]) => <option key={tag} value={tag} lang={tag}>{name}</option>)}
        </select>
      </label>
    </footer>
  );
}
