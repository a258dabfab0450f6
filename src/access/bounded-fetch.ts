/** Bytes of an answer; key sets and discovery documents have some thousand. */
const LARGEST_ANSWER = 256 * 1024;

/** As `fetch`, for small documents: an answer that is larger, or no success, is an error. */
export async function boundedFetch(address: string, options: RequestInit): Promise<Response> {
  const response = await fetch(address, options);
  if (!response.ok || response.body === null) throw new Error(`${address} answered ${response.status}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > LARGEST_ANSWER) throw new Error(`${address} answered more than ${LARGEST_ANSWER} bytes`);
    parts.push(part);
  }
  return new Response(Buffer.concat(parts), { status: response.status, headers: response.headers });
}
