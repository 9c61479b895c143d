// What a failed request means to a person, and what to do about it.

import { Refusal } from '../api/client';
import { language, t } from '.';

/** A sentence about a failure. */
export function inWords(cause: unknown): string {
  if (!(cause instanceof Refusal)) return t('failure.unknown');
  // The server's sentences name the field and the limit, in English.
  const said = language.value === 'en' ? cause.sentence : '';
  switch (cause.status) {
    case 0: return t('failure.offline');
    case 401: return t('failure.login');
    case 403: return t('failure.forbidden');
    case 404: return t('failure.missing');
    case 429: return said || t('failure.tooMany');
    case 500: case 502: case 503: case 504: return t('failure.busy');
    default: return said || (cause.sentence ? t('failure.refused', { sentence: cause.sentence }) : t('failure.unknown'));
  }
}
