CREATE TABLE `spending_before` (
	`fleet` text PRIMARY KEY NOT NULL,
	`until_ms` integer NOT NULL,
	`usd` real NOT NULL
);
