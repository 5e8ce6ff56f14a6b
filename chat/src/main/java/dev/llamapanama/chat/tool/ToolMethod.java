package dev.llamapanama.chat.tool;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a tool of a method with one parameter, a record, or with none; see {@link Tool#ofMethods}. What it is for says {@link
 * dev.llamapanama.chat.schema.Description}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface ToolMethod {
    /** The tool's name; the method's unless given. */
    String value() default "";
}
