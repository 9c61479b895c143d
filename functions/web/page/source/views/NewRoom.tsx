// A new room: with a person, with a group, or one that everybody with the link may enter.

import { useState } from 'preact/hooks';
import { api, content, TALK } from '../api/client';
import { PUBLIC } from '../call/room';
import { Dialog } from '../parts/Dialog';
import { Field } from '../parts/Field';
import { Finder } from '../parts/Finder';
import type { Found } from '../parts/found';
import { Icon, type IconName } from '../parts/Icon';
import { go } from '../parts/route';
import { attempt } from '../parts/saying';
import { type Key, t } from '../text';

const KINDS: { type: 1 | 2 | 3; icon: IconName; name: Key; hint: Key }[] = [
  { type: 3, icon: 'public', name: 'new.public', hint: 'new.publicHint' },
  { type: 1, icon: 'person', name: 'new.person', hint: 'new.personHint' },
  { type: 2, icon: 'people', name: 'new.group', hint: 'new.groupHint' },
];

export function NewRoom({ close }: { close(): void }) {
  const [type, setType] = useState<1 | 2 | 3>(PUBLIC);
  const [name, setName] = useState('');
  const make = (invite?: Found) => attempt(async () => {
    const { token } = await content(api.POST(`${TALK}/room`, { body: { roomType: type, invite: invite?.id } }));
    const path = { token };
    if (name.trim() && type === PUBLIC) {
      await content(api.PUT(`${TALK}/room/{token}`, { params: { path }, body: { roomName: name.trim() } }));
    }
    close();
    go(`/call/${token}`);
  });
  return (
    <Dialog title={t('room.new')} close={close}>
      <fieldset class="choices">
        <legend class="hidden">{t('new.kind')}</legend>
        {KINDS.map((kind) => (
          <label key={kind.type} class="choice">
            <input type="radio" name="kind" checked={type === kind.type} onChange={() => setType(kind.type)} />
            <Icon name={kind.icon} />
            <span><strong>{t(kind.name)}</strong><span class="quiet">{t(kind.hint)}</span></span>
          </label>
        ))}
      </fieldset>
      {type === PUBLIC ? (
        <form onSubmit={(event) => { event.preventDefault(); void make(); }}>
          <Field label={t('room.name')} value={name} change={setName} maxLength={200} hint={t('room.nameHint')} />
          <button class="main wide">{t('new.make')}</button>
        </form>
      ) : type === 1
        ? <Finder key="users" label={t('new.whom')} kind="users" choose={make} />
        : <Finder key="groups" label={t('new.whichGroup')} kind="groups" choose={make} />}
    </Dialog>
  );
}
