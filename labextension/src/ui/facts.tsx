// Owns how facts about a file are laid out: a list of what and how much.

import React from 'react';

import type { Fact } from './transport';

export function Facts({ facts }: { facts: Fact[] | undefined }): React.JSX.Element | null {
  if (!facts?.length) {
    return null;
  }
  return (
    <dl className="mlart-Facts">
      {facts.map(({ label, value }, index) => (
        <div key={index}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function describeFacts(facts: Fact[] | undefined): string {
  return (facts ?? []).map(({ label, value }) => `${label}: ${value}`).join('\n');
}
