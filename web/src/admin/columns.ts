/** A column of a chart: its value, what it says when pointed at, and the word below it, where one stands. */
export type Column = { key: string; value: number; title: string; tick: string };
