// Owns how the tests put the browser on the screen.

import { fireEvent, render, type RenderResult, screen } from '@testing-library/react';
import React from 'react';

import { NotebookBrowser, RunBrowser } from '../ui/browser';
import type { Where } from '../ui/transport';
import type { FakeTransport } from './fake';

export function mountPanel(transport: FakeTransport): RenderResult {
  return render(
    <RunBrowser transport={transport} changes={transport} store="default" run="id-one" />
  );
}

export function mountSidebar(transport: FakeTransport, where: Where | null): RenderResult {
  return render(<NotebookBrowser transport={transport} changes={transport} where={where} />);
}

export async function clickRow(name: string | RegExp): Promise<void> {
  fireEvent.click(await screen.findByRole('treeitem', { name }));
}
