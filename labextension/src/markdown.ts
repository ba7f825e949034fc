// Owns Markdown in JupyterLab: the host's own renderer, which takes out scripts because the text is not trusted.

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

import type { RenderMarkdown } from './ui/document';

const MARKDOWN = 'text/markdown';

export function markdownRenderer(rendermime: IRenderMimeRegistry): RenderMarkdown {
  return (text, node) => {
    const renderer = rendermime.createRenderer(MARKDOWN);
    const model = rendermime.createModel({ data: { [MARKDOWN]: text }, trusted: false });
    Widget.attach(renderer, node);
    void renderer.renderModel(model);
    return () => renderer.dispose();
  };
}
