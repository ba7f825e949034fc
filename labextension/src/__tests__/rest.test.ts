import { ServerConnection } from '@jupyterlab/services';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';

import { RestTransport } from '../rest';

const PLACE = { store: 'default', run: 'r1', path: 'a b/ü&c.png' };

function answer(body: unknown, status = 200): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
}

describe('RestTransport', () => {
  let request: MockInstance<typeof ServerConnection.makeRequest>;
  let transport: RestTransport;
  const options = { size: 10, onProgress: vi.fn(), signal: new AbortController().signal };

  const asked = () => new URL(request.mock.calls[0]![0]);

  beforeEach(() => {
    const settings = ServerConnection.makeSettings({ baseUrl: 'http://lab.test/user/ada/' });
    transport = new RestTransport(settings);
    request = vi.spyOn(ServerConnection, 'makeRequest');
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('asks under the base URL, with the path as one parameter', async () => {
    request.mockResolvedValue(answer({ entries: [], cursor: null }));
    await transport.artifacts({ ...PLACE, cursor: null, limit: 7 });
    expect(asked().pathname).toBe('/user/ada/mlart/artifacts');
    expect(Object.fromEntries(asked().searchParams)).toEqual({
      store: 'default',
      run: 'r1',
      path: 'a b/ü&c.png',
      limit: '7'
    });
  });

  it('unwraps the session, and leaves out a kernel that is not there', async () => {
    request.mockResolvedValue(answer({ session: null }));
    expect(await transport.session({ path: 'n.ipynb', kernel: null })).toBeNull();
    expect(Object.fromEntries(asked().searchParams)).toEqual({ path: 'n.ipynb' });
  });

  it('shows the sentence and the next step of the server', async () => {
    request.mockResolvedValue(answer({ error: 'No such run.', next: 'Pick another.' }, 404));
    await expect(transport.preview(PLACE)).rejects.toMatchObject({
      message: 'No such run.',
      next: 'Pick another.'
    });
  });

  it.each([
    [404, /does not know mlart/],
    [403, /refused/],
    [502, /status 502/]
  ])('explains a bare %i', async (status, sentence) => {
    request.mockResolvedValue(answer('<html>', status));
    await expect(transport.status()).rejects.toThrow(sentence);
  });

  it('explains a server that is not there', async () => {
    request.mockRejectedValue(new ServerConnection.NetworkError(new TypeError('failed')));
    await expect(transport.status()).rejects.toThrow('does not answer');
  });

  it('passes on an abort as an abort', async () => {
    const aborted = new DOMException('given up', 'AbortError');
    request.mockRejectedValue(aborted);
    await expect(transport.status()).rejects.toBe(aborted);
  });

  it('fetches a small file, so that an error is shown and not saved', async () => {
    request.mockResolvedValue(answer('bytes'));
    const download = (await transport.file(PLACE, options)) as { blob: Blob };
    expect(download.blob.size).toBe(5);
    expect(options.onProgress).toHaveBeenLastCalledWith(5, 10);
    request.mockResolvedValue(answer({ error: 'Gone.', next: 'Refresh.' }, 404));
    await expect(transport.file(PLACE, options)).rejects.toThrow('Gone.');
  });

  it.each([64 * 1024 * 1024 + 1, null])('leaves a file of %s bytes to the browser', async size => {
    const download = (await transport.file(PLACE, { ...options, size })) as { url: string };
    const url = new URL(download.url);
    expect(url.pathname).toBe('/user/ada/mlart/content');
    expect(url.searchParams.get('download')).toBe('1');
    expect(request).not.toHaveBeenCalled();
  });

  it('leaves a zip to the browser', async () => {
    const unknown = { ...options, size: null };
    const { url } = (await transport.zip({ ...PLACE, path: '' }, unknown)) as { url: string };
    expect(url).toBe('http://lab.test/user/ada/mlart/zip?store=default&run=r1&path=');
  });

  it('zips a selection of known size under its progress, and names what is in it', async () => {
    request.mockResolvedValue(new Response('zipped bytes'));
    const download = await transport.zip({ ...PLACE, path: '' }, options, ['a', 'f/b&c']);
    expect(asked().searchParams.get('only')).toBe('["a","f/b&c"]');
    expect((download as { blob: Blob }).blob.size).toBe(12);
    expect(options.onProgress).toHaveBeenLastCalledWith(12, 10);
  });

  it('refuses a selection that no address can name', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `folder/file-${index}.png`);
    await expect(transport.zip(PLACE, options, many)).rejects.toMatchObject({
      next: 'Download their folder instead.'
    });
    expect(request).not.toHaveBeenCalled();
  });

  it('deletes by a request that cannot be a link', async () => {
    request.mockResolvedValue(answer({ deleted: PLACE.path }));
    await transport.delete(PLACE);
    expect(asked().pathname).toBe('/user/ada/mlart/artifact');
    expect(asked().searchParams.get('path')).toBe(PLACE.path);
    expect(request.mock.calls[0]![1]).toEqual({ method: 'DELETE' });
  });
});
