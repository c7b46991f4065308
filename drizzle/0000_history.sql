CREATE TABLE `checks` (
	`fleet` text NOT NULL,
	`number` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`state` text NOT NULL,
	`live` integer NOT NULL,
	`producing` integer NOT NULL,
	`usd_per_hour` real NOT NULL,
	`games_per_second` real NOT NULL,
	`actions` integer NOT NULL,
	`api_ms` real NOT NULL,
	`line` text NOT NULL,
	`notes` text NOT NULL,
	PRIMARY KEY(`fleet`, `at_ms`)
);
--> statement-breakpoint
CREATE TABLE `events` (
	`id` text PRIMARY KEY NOT NULL,
	`fleet` text NOT NULL,
	`at_ms` integer NOT NULL,
	`kind` text NOT NULL,
	`slot` integer,
	`instance_id` integer,
	`machine_id` integer,
	`message` text NOT NULL,
	`evidence` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_by_fleet` ON `events` (`fleet`,`at_ms`);--> statement-breakpoint
CREATE INDEX `events_by_time` ON `events` (`at_ms`);--> statement-breakpoint
CREATE TABLE `fleets` (
	`name` text PRIMARY KEY NOT NULL,
	`mode` text NOT NULL,
	`state` text NOT NULL,
	`spec` text NOT NULL,
	`target` integer NOT NULL,
	`spec_version` integer NOT NULL,
	`totals` text NOT NULL,
	`last_check_at_ms` integer,
	`updated_at_ms` integer NOT NULL,
	`deleted_at_ms` integer
);
--> statement-breakpoint
CREATE TABLE `hosts` (
	`machine_id` integer PRIMARY KEY NOT NULL,
	`blocked_by_hand` integer,
	`note` text,
	`gpu` text,
	`operator_id` integer,
	`updated_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`role` text NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`claim_id` text NOT NULL,
	`claimed_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`status` integer,
	`headers` text,
	`body` text,
	PRIMARY KEY(`role`, `key`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_by_expiry` ON `idempotency` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `instances` (
	`instance_id` integer PRIMARY KEY NOT NULL,
	`fleet` text NOT NULL,
	`slot` integer NOT NULL,
	`label` text NOT NULL,
	`machine_id` integer,
	`gpu` text,
	`usd_per_hour` real,
	`fingerprint` text,
	`started_at_ms` integer NOT NULL,
	`ended_at_ms` integer,
	`end_cause` text,
	`end_reason` text,
	`cost_usd` real,
	`games` integer
);
--> statement-breakpoint
CREATE INDEX `instances_by_fleet` ON `instances` (`fleet`,`started_at_ms`);--> statement-breakpoint
CREATE TABLE `strike_refunds` (
	`strike_id` text PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`reason` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `strikes` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` integer NOT NULL,
	`fleet` text,
	`instance_id` integer,
	`at_ms` integer NOT NULL,
	`reason` text NOT NULL,
	`fault_class` text NOT NULL,
	`expires_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `strikes_by_machine` ON `strikes` (`machine_id`,`at_ms`);--> statement-breakpoint
CREATE INDEX `strikes_by_expiry` ON `strikes` (`expires_at_ms`,`machine_id`);--> statement-breakpoint
CREATE TABLE `throughput` (
	`hour_at_ms` integer NOT NULL,
	`fleet` text NOT NULL,
	`instance_id` integer NOT NULL,
	`machine_id` integer,
	`gpu` text NOT NULL,
	`weights_name` text NOT NULL,
	`samples` integer NOT NULL,
	`games_per_second_sum` real NOT NULL,
	`usd_per_hour` real NOT NULL,
	`games` integer NOT NULL,
	PRIMARY KEY(`hour_at_ms`, `instance_id`)
);
--> statement-breakpoint
CREATE INDEX `throughput_by_weights` ON `throughput` (`weights_name`,`hour_at_ms`);