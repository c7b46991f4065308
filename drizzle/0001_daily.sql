CREATE TABLE `daily_reports` (
	`day` text PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`report` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `last_logs` (
	`instance_id` integer PRIMARY KEY NOT NULL,
	`fleet` text NOT NULL,
	`at_ms` integer NOT NULL,
	`read_at_ms` integer NOT NULL,
	`text` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `last_logs_by_time` ON `last_logs` (`at_ms`);--> statement-breakpoint
CREATE TABLE `workloads` (
	`name` text PRIMARY KEY NOT NULL,
	`record` text NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`updated_by` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `throughput` ADD `games_per_second_min` real;--> statement-breakpoint
ALTER TABLE `throughput` ADD `games_per_second_max` real;--> statement-breakpoint
CREATE INDEX `instances_by_end` ON `instances` (`ended_at_ms`);--> statement-breakpoint
ALTER TABLE `hosts` DROP COLUMN `gpu`;--> statement-breakpoint
ALTER TABLE `hosts` DROP COLUMN `operator_id`;