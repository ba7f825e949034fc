// Owns sentences with code in them: what stands between backticks is shown as such.

import React from 'react';

export function Coded({ text }: { text: string }): React.JSX.Element {
  const parts = text.split('`');
  return (
    <>
      {parts.map((part, index) =>
        index % 2 === 1 ? <code key={index}>{part}</code> : <span key={index}>{part}</span>
      )}
    </>
  );
}
