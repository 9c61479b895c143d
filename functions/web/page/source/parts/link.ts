// The address of a room, which is all that one needs to come into a public one.

import { t } from '../text';
import { attempt } from './saying';

/** Where people open a room. */
export const linkTo = (token: string) => `${location.origin}/call/${token}`;

export const copyLink = (token: string) => attempt(() => navigator.clipboard.writeText(linkTo(token)), t('link.copied'));
