// How the shape of an answer is written down: a zod schema that the compiler compares with the document it stands for,
// so that a field can neither be forgotten nor invented.

import { z } from "zod";

/** One schema per field of a document, each with the field's own type. */
type FieldsOf<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };
type NoOthers<Shape, T> = { readonly [K in Exclude<keyof Shape, keyof T>]: never };

interface About<T> {
  /** One sentence for the reader of the reference. */
  readonly about: string;
  readonly example: T;
}

/** The schema of a document of type `T`, known in the OpenAPI document as `name`. */
export function schemaOf<T>() {
  return <Shape extends z.ZodRawShape & FieldsOf<T>>(
    name: string,
    shape: Shape & NoOthers<Shape, T>,
    { about, example }: About<T>,
  ) => z.object<Shape>(shape).meta({ ref: name, description: about, examples: [example] });
}

/** The same for a part of a document, which has no name of its own. */
export function partOf<T>() {
  return <Shape extends z.ZodRawShape & FieldsOf<T>>(shape: Shape & NoOthers<Shape, T>) => z.object<Shape>(shape);
}

/** A closed list of words; one that is missing does not compile. */
export function oneOf<Word extends string>() {
  return <const Words extends readonly Word[]>(
    ...words: Words & ([Word] extends [Words[number]] ? unknown : readonly never[])
  ) => z.enum(words as readonly Word[]);
}

/** An instant as answers write it. */
export const instantText = z.iso.datetime().meta({ examples: ["2026-11-23T18:00:00.000Z"] });
export const evidence = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .meta({ description: "Facts behind a reason" });
export const notes = z.array(z.string()).meta({ description: "What the reader should know besides, in words" });
