import { describe, expect, it } from 'vitest';
import { Contact } from '../../src/kubernetes/contact.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const DAY = 86_400_000;

function clocks() {
  const at = { wall: START, elapsed: 1_000 };
  return { at, now: () => at.wall, monotonic: () => at.elapsed };
}

describe('contact with the API server', () => {
  it('uses our own time while the two agree within seconds', () => {
    const ours = clocks();
    const contact = new Contact(ours);
    expect(contact.serverTime).toEqual(new Date(START));
    contact.note(new Date(START + 3_000).toUTCString());
    expect(contact.aheadMs).toBe(0);
    expect(contact.serverTime).toEqual(new Date(START));
  });

  it.each([400 * DAY, -DAY / 12])('uses the time of the server if ours is wrong by %d ms', (wrong) => {
    const ours = clocks();
    const contact = new Contact(ours);
    ours.at.wall += wrong;
    contact.note(new Date(START).toUTCString());
    expect(contact.aheadMs).toBe(wrong);
    expect(contact.serverTime).toEqual(new Date(START));
    ours.at.wall += 60_000;
    ours.at.elapsed += 60_000;
    expect(contact.serverTime).toEqual(new Date(START + 60_000));
  });

  it('notices that our clock was set meanwhile', () => {
    const ours = clocks();
    const contact = new Contact(ours);
    contact.note(new Date(START).toUTCString());
    ours.at.wall += 400 * DAY;
    ours.at.elapsed += 1_000;
    expect(contact.serverTime).toEqual(new Date(START + 1_000));
  });

  it('has the time since the last answer', () => {
    const ours = clocks();
    const contact = new Contact(ours);
    expect(contact.silentMs).toBe(Infinity);
    contact.note(undefined);
    ours.at.elapsed += 7_000;
    expect(contact.silentMs).toBe(7_000);
    expect(contact.serverTime).toEqual(new Date(START));
  });

  it('has the time since the last useful answer', () => {
    const ours = clocks();
    const contact = new Contact(ours);
    contact.note(undefined);
    expect(contact.sinceUsefulAnswerMs).toBe(Infinity);
    contact.noteUse();
    ours.at.elapsed += 7_000;
    contact.note(undefined);
    expect(contact.sinceUsefulAnswerMs).toBe(7_000);
  });
});
