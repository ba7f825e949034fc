// Owns how text is shown: as it is, as indented JSON, as Markdown by the host, or as a page in a sandbox.

import React, { useLayoutEffect, useRef } from 'react';

import { sandboxed } from './sandbox';
import type { TextPreview } from './transport';

/** Draws sanitised Markdown into the node; returns what takes it out again. */
export type RenderMarkdown = (text: string, node: HTMLElement) => () => void;

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // cut off, or JSON Lines
    return text;
  }
}

function Plain({ text }: { text: string }): React.JSX.Element {
  return (
    <pre className="mlart-Text" tabIndex={0} role="region" aria-label="Text">
      {text}
    </pre>
  );
}

function Markdown(props: { text: string; render: RenderMarkdown }): React.JSX.Element {
  const { text, render } = props;
  const host = useRef<HTMLDivElement>(null);
  // a host's renderer is taken out while its node is still in the page, which is before useEffect cleans up
  useLayoutEffect(() => (host.current ? render(text, host.current) : undefined), [text, render]);
  return <div ref={host} className="mlart-Markdown" tabIndex={0} role="region" aria-label="Text" />;
}

function Page({ text, name }: { text: string; name: string }): React.JSX.Element {
  return <iframe className="mlart-Page" title={name} sandbox="" srcDoc={sandboxed(text)} />;
}

export function Document(props: {
  preview: TextPreview;
  name: string;
  renderMarkdown: RenderMarkdown | undefined;
}): React.JSX.Element {
  const { preview, renderMarkdown } = props;
  const { kind, text } = preview;
  return (
    <>
      {preview.truncated && (
        <div className="mlart-Preview-note">
          Only the beginning. Download the file for the rest.
        </div>
      )}
      {kind === 'html' ? (
        <Page text={text} name={props.name} />
      ) : kind === 'markdown' && renderMarkdown ? (
        <Markdown text={text} render={renderMarkdown} />
      ) : (
        <Plain text={kind === 'json' && !preview.truncated ? indented(text) : text} />
      )}
    </>
  );
}
