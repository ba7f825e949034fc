// Owns the picture of the sidebar's tab: a figure on a stack.

import { LabIcon } from '@jupyterlab/ui-components';

const SVG = `
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <path d="M3 3h18v13H3zm2 2v9h14V5z"/>
    <path d="M6.5 12.5l3.5-4 3 2.5 4-5 1 .8-4.8 6.2-3-2.5-2.4 2.8z"/>
    <path d="M5 17.5h14V19H5zM7 20.5h10V22H7z"/>
  </g>
</svg>`;

export const artifactsIcon = new LabIcon({ name: 'mlart:artifacts', svgstr: SVG });
