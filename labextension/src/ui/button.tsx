// Owns the button that shows only a picture, and so has to be named for those who cannot see it.

import React from 'react';

import { Icon, type IconName } from './icons';

/** Opens an address beside this page, which it learns nothing of. */
export function IconLink(props: {
  icon: IconName;
  label: string;
  href: string;
}): React.JSX.Element | null {
  // an address may come from a file that others can write
  if (!/^https?:\/\//.test(props.href)) {
    return null;
  }
  return (
    <a
      className="mlart-IconButton"
      href={props.href}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={props.label}
      title={props.label}
    >
      <Icon name={props.icon} />
    </a>
  );
}

export function IconButton(props: {
  icon: IconName;
  label: string;
  onClick: () => void;
  disabled?: boolean;
}): React.JSX.Element {
  return (
    <button
      type="button"
      className="mlart-IconButton"
      aria-label={props.label}
      title={props.label}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
