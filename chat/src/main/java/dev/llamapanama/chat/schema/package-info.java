/** Answers that follow a schema: records and sealed interfaces, JSON schemas, regular expressions and grammars. */
@NullMarked
package dev.llamapanama.chat.schema;

import org.jspecify.annotations.NullMarked;
