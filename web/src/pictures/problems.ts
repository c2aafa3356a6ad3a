import { Problem } from '../api';
import { explain } from '../ui/problems';
import { money } from './services';
import { t } from './words';

/** Why a picture was not ordered, and what to do, in one sentence or two. */
export function explainOrder(error: unknown): string {
  if (!(error instanceof Problem)) return explain(error);
  const { more } = error;
  switch (error.code) {
    case 'quota_exceeded':
      return t('quotaExceeded', { limit: Number(more.limit), left: Number(more.left) });
    case 'budget_exceeded':
      return t('budgetExceeded', { wanted: price(more.wanted), budget: price(more.budget), used: price(more.used) });
    case 'estimate_changed':
      return t('estimateChanged', { price: price(more.price) });
    case 'nothing_to_draw':
      return t('nothingToDraw');
    case 'prompt_too_long':
      return t('promptTooLong');
    case 'batch_cancelled':
      return t('batchCancelled');
    case 'no_such_description':
      return t('noSuchPassage');
    default:
      return explain(error);
  }
}

const price = (value: unknown): string => money(Number(value));
