import type { ICodeCellModel } from '@jupyterlab/cells';
import type { Kernel } from '@jupyterlab/services';
import { describe, expect, it, vi } from 'vitest';

import { lostOf, putBack, type Remembered, remembered } from '../restore';

const OUTPUT = { output_type: 'stream', name: 'stdout', text: 'said' };

function row(cell: string, source = 'x'): Remembered {
  return { cell, source, count: 3, outputs: [OUTPUT] };
}

function model(id: string, source = 'x', outputs: object[] = []) {
  return {
    id,
    outputs: Object.assign([...outputs], { fromJSON: vi.fn() }),
    trusted: true,
    executionCount: null as number | null,
    deleteMetadata: vi.fn(),
    sharedModel: { getSource: () => source }
  };
}

function models(...fakes: ReturnType<typeof model>[]): ICodeCellModel[] {
  return fakes as unknown as ICodeCellModel[];
}

/** A kernel whose comm answers an opening with this. */
function kernel(
  answer: (comm: { onMsg?: (m: object) => void; onClose?: () => void }) => void
): Kernel.IKernelConnection {
  const comm: Record<string, unknown> = { close: vi.fn() };
  comm['open'] = vi.fn(() => answer(comm));
  return {
    supportsSubshells: false,
    createComm: () => comm
  } as unknown as Kernel.IKernelConnection;
}

describe('what is lost', () => {
  it('is the output of a cell that has none, as long as its source is the same', () => {
    const cells = models(
      model('a'),
      model('b', 'x', [OUTPUT]),
      model('c', 'new'),
      model('d', 'x\n')
    );
    const lost = lostOf(cells, [row('a'), row('b'), row('c'), row('d'), row('gone')]);
    expect(lost.empty.map(({ cell }) => cell)).toEqual(['a', 'd']);
    expect(lost.changed.map(({ cell }) => cell)).toEqual(['c']);
  });

  it('comes back untrusted, also after the notebook is saved', () => {
    const cell = model('a');
    putBack(models(cell)[0]!, row('a'));
    expect(cell.trusted).toBe(false);
    expect(cell.deleteMetadata).toHaveBeenCalledWith('trusted');
    expect(cell.outputs.fromJSON).toHaveBeenCalledWith([OUTPUT]);
    expect(cell.executionCount).toBe(3);
  });
});

describe('asking the kernel', () => {
  it('resolves with what it remembers', async () => {
    const asked = kernel(comm => comm.onMsg?.({ content: { data: { cells: [row('a')] } } }));
    expect(await remembered(asked, ['a'])).toEqual([row('a')]);
  });

  it('says what to do where the extension is not loaded', async () => {
    const asked = remembered(
      kernel(comm => comm.onClose?.()),
      ['a']
    );
    await expect(asked).rejects.toMatchObject({
      next: 'They are remembered from %load_ext mlart_jupyter on.'
    });
  });

  it('says that the kernel is busy', async () => {
    const asked = remembered(
      kernel(() => undefined),
      ['a'],
      1
    );
    await expect(asked).rejects.toThrow('The kernel is busy.');
  });
});
