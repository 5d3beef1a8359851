import { describe, expect, it } from 'vitest';
import { ApiError, readAnswer, replayShare } from './answer';

const thrown = (f: () => unknown): ApiError => {
  try {
    f();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('readAnswer', () => {
  it('takes data and notices', () => {
    const body = '{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["w"],"infos":["i"]}';
    expect(readAnswer(200, body, false)).toEqual({ data: { resultType: 'vector', result: [] }, warnings: ['w'], infos: ['i'] });
    expect(readAnswer(200, '{"status":"success","data":[]}', false)).toEqual({ data: [], warnings: [], infos: [] });
  });

  it("keeps the server's own words", () => {
    const body = '{"status":"error","errorType":"bad_data","error":"invalid parameter \\"query\\": 1:5: parse error: unexpected end of input"}';
    const error = thrown(() => readAnswer(400, body, false));
    expect(error.type).toBe('bad_data');
    expect(error.message).toBe('invalid parameter "query": 1:5: parse error: unexpected end of input');
  });

  it('tells a starting server from a stopping one and from an overloaded API', () => {
    expect(thrown(() => readAnswer(503, 'Service Unavailable', false)).type).toBe('starting');
    expect(thrown(() => readAnswer(503, 'Service Unavailable', true)).type).toBe('stopping');
    expect(thrown(() => readAnswer(503, '{"status":"error","errorType":"timeout","error":"query timed out"}', false)).type).toBe('timeout');
  });

  it('shows what a proxy answered instead', () => {
    const error = thrown(() => readAnswer(502, '<html>Bad Gateway</html>\n', false));
    expect(error.message).toBe('Unexpected answer, HTTP 502: <html>Bad Gateway</html>');
    expect(thrown(() => readAnswer(200, '7', false)).message).toBe('Unexpected answer, HTTP 200: 7');
  });
});

describe('replayShare', () => {
  it('counts segments, both ends included', () => {
    expect(replayShare(0, 3, 0)).toBe(0.25);
    expect(replayShare(10, 13, 13)).toBe(1);
    expect(replayShare(0, 0, 0)).toBeNull();
  });
});
