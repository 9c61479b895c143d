// The chats in the pictures: what people say in them, and the views of the panel.

/** Alice and Bob talk, and she has not read his last messages yet. */
export async function theyTalked(alice, bob, tea, pair) {
  const say = (who, message, fields = {}) => who.get('POST', `/chat/${tea}`, { message, ...fields });
  const react = (who, { id }, reaction) => who.get('POST', `/reaction/${tea}/${id}`, { reaction });
  const kettle = await say(alice, 'The kettle is on. Who brings the biscuits?');
  const recipe = await say(bob, 'I do! These are easy: https://example.com/recipes/shortbread', { replyTo: kettle.id });
  await say(bob, 'They need half an hour.\nAnd butter.');
  await react(alice, recipe, '👍');
  await react(bob, recipe, '👍');
  await react(bob, recipe, '🎉');
  const typed = await say(alice, 'Then at half past five');
  await alice.get('PUT', `/chat/${tea}/${typed.id}`, { message: 'Then at a quarter past five' });
  const slip = await say(bob, 'Wrong room');
  await bob.get('DELETE', `/chat/${tea}/${slip.id}`);
  await alice.get('POST', `/chat/${tea}/read`);
  await say(bob, '@alice could you lay the table?');
  await say(bob, `The list: ${'flour-sugar-butter-salt-'.repeat(6)}`);
  await bob.get('POST', `/chat/${pair}`, { message: 'Shall we invite Carol, too?' });
}

/** The chat in another language, beside the lobby and, on a phone, over it. */
export async function inGerman(views, alice) {
  const { page } = alice;
  const speaks = (label, language) => page.getByLabel(label).selectOption(language);
  await speaks('Language', 'de');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: /^Chat/ }).click();
  await page.getByRole('region', { name: 'Chat' }).getByText('Diese Nachricht wurde gelöscht.').waitFor();
  await views.take(alice, '24-chat-german');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('region', { name: 'Chat' }).getByRole('button', { name: 'Schließen' }).click();
  await page.setViewportSize({ width: 1280, height: 800 });
  await speaks('Sprache', 'en');
}

/** The chat in a call: how it is read, and how something is written. */
export async function ofChats(views, alice) {
  const { page } = alice;
  await page.getByRole('toolbar').getByRole('button', { name: /^Chat/ }).click();
  const chat = page.getByRole('region', { name: 'Chat' });
  await chat.getByText('could you lay the table?').waitFor();
  await views.take(alice, '21-chat');
  const last = chat.locator('.message', { hasText: 'The list' });
  await last.hover();
  await last.getByRole('button', { name: /^What to do with/ }).click();
  await views.take(alice, '22-chat-actions');
  await last.getByRole('button', { name: 'Reply' }).click();
  const field = chat.getByRole('textbox');
  await field.fill('Gladly. Here is one for @');
  await page.getByRole('option', { name: /Bob/ }).waitFor();
  await views.take(alice, '23-chat-writing');
  await field.press('Tab');
  await field.fill('Gladly');
  await field.press('Enter');
  await chat.locator('.message', { hasText: 'Gladly' }).waitFor();
  await field.press('Escape');
  await chat.waitFor({ state: 'detached' });
}
