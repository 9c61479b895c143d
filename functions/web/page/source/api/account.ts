// Who is logged in: an app password that lies in this browser until it is taken back.

import { computed, signal } from '@preact/signals';
import { stored } from '../parts/stored';

const PLACE = 'account';

export interface Account {
  id: string;
  name: string;
  appPassword: string;
  isAdmin: boolean;
}

export const account = signal(stored<Account>(PLACE));

export function keep(known: Account | undefined): void {
  account.value = known;
  if (known) localStorage.setItem(PLACE, JSON.stringify(known));
  else localStorage.removeItem(PLACE);
}

/** The header of HTTP Basic, in UTF-8. */
export function basic(id: string, password: string): string {
  const bytes = new TextEncoder().encode(`${id}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

export const credentials = computed(() => account.value && basic(account.value.id, account.value.appPassword));

// Another tab logged in or out.
addEventListener('storage', ({ key }) => {
  if (key === PLACE) account.value = stored(PLACE);
});
