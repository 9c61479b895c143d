// Where people are: the address bar, and links that do not load the page anew.

import { computed, signal } from '@preact/signals';

const address = signal(location.pathname + location.hash);
const learn = () => { address.value = location.pathname + location.hash; };
addEventListener('popstate', learn);
addEventListener('hashchange', learn);

export type Place = { view: 'rooms' | 'people' | 'groups' | 'calls' } | { view: 'room'; token: string };

export const place = computed<Place>(() => {
  const token = /^\/call\/([a-z0-9]+)/i.exec(address.value)?.[1];
  if (token) return { view: 'room', token };
  const view = address.value.split('#')[1];
  return { view: view === 'people' || view === 'groups' || view === 'calls' ? view : 'rooms' };
});

export function go(to: string): void {
  history.pushState(null, '', to);
  learn();
  scrollTo(0, 0);
}

/** For a link within the page; a click with a key held opens it as browsers do. */
export function follow(event: MouseEvent): void {
  const link = event.currentTarget as HTMLAnchorElement;
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(link.pathname + link.hash);
}
