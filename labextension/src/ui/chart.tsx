// Owns how a chart's specification is shown: its values or its text, and above them the chart when the user asks for it.

import React, { useState } from 'react';

import { Document } from './document';
import { Drawing } from './page';
import type { ChartPreview, Place, Transport } from './transport';
import { Values } from './values';
import { t } from './words';

const NAMES = { plotly: 'plotly', vega: 'Vega', bokeh: 'Bokeh' };

export function Chart(props: {
  preview: ChartPreview;
  transport: Transport;
  place: Place;
  version: string;
  name: string;
}): React.JSX.Element {
  const { below, library } = props.preview;
  const [drawn, setDrawn] = useState(false);
  return (
    <div className="mlart-Chart">
      <div className="mlart-Preview-note">
        {t('A chart of %1.', NAMES[library])}
        <button
          type="button"
          className="mlart-Link"
          title={t(
            'Its scripts see nothing of Jupyter. A hostile one could still leave for an address of its own.'
          )}
          onClick={() => setDrawn(!drawn)}
        >
          {drawn ? t('Close the chart') : t('Draw it')}
        </button>
      </div>
      {drawn && <Drawing {...props} />}
      {below.kind === 'tree' ? <Values preview={below} /> : <Document {...props} preview={below} />}
    </div>
  );
}
