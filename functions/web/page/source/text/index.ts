// What the page says, in the reader's language: message files, one for each.

import { signal } from '@preact/signals';
import en from './en.json';

export type Key = keyof typeof en;
type Plural = Key extends infer K ? (K extends `${infer Name}.other` ? Name : never) : never;
type Values = Record<string, string | number>;
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const PLACE = 'language';
const messages = signal<Record<Key, string>>(en);
export const language = signal<Language>('en');

function wanted(): Language {
  const known = [localStorage.getItem(PLACE) ?? '', ...navigator.languages].map((tag) => tag.split('-')[0]);
  return (known.find((tag) => tag !== undefined && tag in LANGUAGES) as Language | undefined) ?? 'en';
}

/** Loads the language that the reader wants; English is always there. */
export async function speak(choice?: Language): Promise<void> {
  if (choice) localStorage.setItem(PLACE, choice);
  const next = wanted();
  messages.value = next === 'de' ? (await import('./de.json')).default : en;
  language.value = next;
  document.documentElement.lang = next;
}

/** Whether there is a text of this name. */
export const hasText = (name: string): name is Key => Object.hasOwn(messages.value, name);

/** A message, with values where it has names in braces. */
export function t(key: Key, values: Values = {}): string {
  return messages.value[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** A message about a number of things. */
export function count(name: Plural, number: number): string {
  const form = new Intl.PluralRules(language.value).select(number) === 'one' ? 'one' : 'other';
  return t(`${name}.${form}` as Key, { number });
}

/** Names as a list in a sentence. */
export function list(names: string[]): string {
  return new Intl.ListFormat(language.value).format(names);
}
