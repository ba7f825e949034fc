import { Widget } from '@lumino/widgets';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { Sidebar } from '../sidebar';
import { FakeTransport } from './fake';

const PATIENCE = { timeout: 20_000 };
const made: Sidebar[] = [];

function attached(hidden: boolean): Sidebar {
  const sidebar = new Sidebar(new FakeTransport(), null, undefined);
  sidebar.setHidden(hidden);
  Widget.attach(sidebar, document.body);
  made.push(sidebar);
  return sidebar;
}

const isThere = ({ node }: Sidebar) => node.querySelector('.mlart-Browser') !== null;

afterEach(() => made.splice(0).forEach(sidebar => sidebar.dispose()));

describe('the sidebar', () => {
  it('shows nothing until it is seen, and then stays', { timeout: 60_000 }, async () => {
    const sidebar = attached(true);
    const other = attached(false);
    await vi.waitFor(() => expect(isThere(other)).toBe(true), PATIENCE);
    expect(isThere(sidebar)).toBe(false); // although all is loaded by now

    sidebar.show();
    await vi.waitFor(() => expect(isThere(sidebar)).toBe(true), PATIENCE);
    sidebar.hide();
    sidebar.update();
    await sidebar.renderPromise;
    expect(isThere(sidebar)).toBe(true);
  });
});
