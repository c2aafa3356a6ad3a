import type { Finding } from '../api';
import { bytes } from '../i18n';
import { t } from './words';

/** Findings that the page says in the reader's language; of all others the server's own sentence stands alone. */
const OWN = ['service_failing', 'jobs_slow', 'queue_long', 'queue_stands_still', 'disk_low', 'storage_full', 'backup_overdue', 'backup_failed', 'drill_failed', 'upkeep_failed', 'revisions_pending'] as const;
/** Those whose server's sentence says more than we could: it is shown below the headline. */
const TOLD: readonly string[] = ['backup_failed', 'drill_failed', 'upkeep_failed', 'service_failing'];
type Code = (typeof OWN)[number];

const isOwn = (code: string): code is Code => (OWN as readonly string[]).includes(code);

/** What is wrong, in one sentence; empty where only the server can say it. */
export function headline(finding: Finding): string {
  if (finding.code === 'service_failing' && finding.values?.n === 0) return t('found_service_idle', values(finding));
  return isOwn(finding.code) ? t(`found_${finding.code}`, values(finding)) : '';
}

/** What to do about it; empty where the server's sentence says it. */
export function advice(finding: Finding): string {
  if (finding.code === 'service_failing' && finding.values?.resting === 0) return t('todo_service_idle');
  return isOwn(finding.code) && !TOLD.includes(finding.code) ? t(`todo_${finding.code as Exclude<Code, 'backup_failed' | 'drill_failed' | 'upkeep_failed' | 'service_failing'>}`) : '';
}

function values(finding: Finding): Record<string, string | number> {
  const given = finding.values ?? {};
  return typeof given.bytes === 'number' ? { ...given, size: bytes(given.bytes) } : given;
}
