// `helm test`: a review goes the way that API servers take, through the Service and with the published CA, and is answered.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const { WEBHOOK_URL: url, WEBHOOK_CA: file } = process.env;
const patience = 10_000;
const metadata = { name: 'helm-test', annotations: { 'tbot-injector.io/outputs': 'helm-test' } };
const review = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'helm-test',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    operation: 'CREATE',
    // Never opted in: whatever is configured, the answer is the same.
    namespace: 'kube-system',
    object: { metadata, spec: { containers: [{ name: 'app', image: 'app' }] } },
  },
};

function fail(found, fix) {
  console.error(`found ${found}; expected an answer to a review. Fix: ${fix}`);
  process.exit(1);
}

const options = { method: 'POST', ca: readFileSync(file), timeout: patience };
const sent = request(url, { ...options, headers: { 'Content-Type': 'application/json' } }, (answer) => {
  let body = '';
  answer.setEncoding('utf8').on('data', (text) => (body += text));
  answer.on('end', () => {
    // Where client certificates are asked for, this test has none: to be turned away shows that TLS is well.
    if (answer.statusCode === 401 || answer.statusCode === 403) {
      console.log(`the webhook answers over TLS, and lets only API servers in (HTTP ${answer.statusCode})`);
    } else if (answer.statusCode !== 200 || JSON.parse(body).response?.uid !== 'helm-test') {
      fail(`HTTP ${answer.statusCode} ${body}`, 'read the log of the webhook');
    } else {
      console.log('the webhook answers reviews over TLS with the published CA');
    }
  });
});
sent.on('timeout', () => sent.destroy(new Error(`no answer in ${patience / 1000} s`)));
sent.on('error', ({ message }) => {
  fail(`${url}: ${message}`, 'look whether the pods of the webhook are ready, and at the log of the controller');
});
sent.end(JSON.stringify(review));
