// Owns how an MLflow model is shown: what it takes and gives, what it needs, and the lines that load it.

import React from 'react';

import { IconButton } from './button';
import { Facts } from './facts';
import { folderOf, runUri } from './format';
import type { Column, ModelPreview, Place } from './transport';
import { t } from './words';

function Schema({ title, columns }: { title: string; columns: Column[] }) {
  if (columns.length === 0) {
    return null;
  }
  return (
    <>
      <h4>{title}</h4>
      <ul className="mlart-Model-schema">
        {columns.map((column, index) => (
          <li key={index}>
            <code>{column.name}</code> {column.type}
          </li>
        ))}
      </ul>
    </>
  );
}

export function Model(props: {
  preview: ModelPreview;
  place: Place;
  onCopy: (text: string) => void;
}): React.JSX.Element {
  const { preview, place } = props;
  const uri = runUri({ ...place, path: folderOf(place.path) });
  const snippet = preview.snippet.replaceAll('{uri}', uri);
  return (
    <div className="mlart-Model" tabIndex={0} role="region" aria-label={t('Model')}>
      <Facts facts={preview.facts} />
      <h4>
        {t('Load it')}
        <IconButton icon="copy" label={t('Copy the lines')} onClick={() => props.onCopy(snippet)} />
      </h4>
      <pre>{snippet}</pre>
      <Schema title={t('Inputs')} columns={preview.inputs} />
      <Schema title={t('Outputs')} columns={preview.outputs} />
      {preview.requirements && (
        <>
          <h4>{t('Requirements')}</h4>
          <pre>{preview.requirements}</pre>
        </>
      )}
    </div>
  );
}
