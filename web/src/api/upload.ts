import { addressOf } from './client';
import { offline, type Problem, problemOf } from './problem';
import type { components } from './types';

type Accepted = components['schemas']['UploadAccepted'];

/** Uploads a book and tells how many bytes have left. XMLHttpRequest, because fetch cannot tell. */
export function upload(file: File, sent: (bytes: number) => void, signal: AbortSignal): Promise<Accepted> {
  return new Promise((resolve, reject: (reason: Problem | DOMException) => void) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append('file', file, file.name);
    request.upload.onprogress = (event) => sent(Math.min(event.loaded, file.size));
    request.onerror = () => reject(offline());
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    request.onload = () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText) as Accepted);
      else reject(problemOf(request.status, request.responseText));
    };
    signal.addEventListener('abort', () => request.abort());
    request.open('POST', addressOf('/api/v1/books'));
    request.send(form);
  });
}
