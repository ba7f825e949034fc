// Owns what jsdom lacks and JupyterLab's packages or the browser expect.

import { beforeEach } from 'vitest';

const page = globalThis as unknown as Record<string, unknown>;

page['DragEvent'] ??= class extends MouseEvent {};
page['ResizeObserver'] ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
page['matchMedia'] ??= () => ({ matches: false, addListener() {}, removeListener() {} });
page['requestIdleCallback'] ??= (call: () => void) => setTimeout(call, 0);
document.queryCommandSupported ??= () => false;
URL.createObjectURL ??= () => 'blob:fake';
URL.revokeObjectURL ??= () => undefined;
// nothing has a size in jsdom, and a list without height shows no rows
Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { get: () => 480 });
Object.defineProperty(HTMLElement.prototype, 'offsetWidth', { get: () => 300 });

// where one test was is no business of the next
beforeEach(() => localStorage.clear());
