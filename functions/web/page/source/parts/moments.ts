// Days and times, written as the reader is used to. They are given in seconds, as the API counts.

import { language } from '../text';

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** The time of day. */
export function timeOf(seconds: number): string {
  return new Intl.DateTimeFormat(language.value, { timeStyle: 'short' }).format(seconds * 1000);
}

/** The day; today and yesterday by these names. */
export function dayOf(seconds: number): string {
  const day = new Date(seconds * 1000).setHours(0, 0, 0, 0);
  const ago = Math.round((new Date().setHours(0, 0, 0, 0) - day) / DAY_MILLISECONDS);
  if (ago < 2) return new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' }).format(-ago, 'day');
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'full' }).format(day);
}

/** The day and the time. */
export function momentOf(seconds: number): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'short' }).format(seconds * 1000);
}
