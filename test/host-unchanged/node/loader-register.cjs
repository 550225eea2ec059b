const m = require('module');
m.register(
  'data:text/javascript,' +
    encodeURIComponent(
      'export async function resolve(s,c,n){if(s==="virtual:x")return{url:"data:text/javascript,export default 7",shortCircuit:true};return n(s,c)}',
    ),
);
import('virtual:x').then((x) => console.log(x.default));
