/** Tests of the files of the test world. */
@NullMarked
package dev.drover.test.model;

import org.jspecify.annotations.NullMarked;
